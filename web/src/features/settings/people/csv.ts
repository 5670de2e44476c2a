// Reading a list of people as spreadsheets write it, so that mistakes are
// shown before anything is sent.

export interface CsvRow {
  line: number;
  cells: string[];
}

/** parseCsv reads RFC 4180 with either comma, semicolon or tab; lines count from 1. */
export function parseCsv(source: string): CsvRow[] {
  const text = source.replace(/^\uFEFF/, '');
  const separator = guessSeparator(text);
  const rows: CsvRow[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let start = 1;
  const endRow = () => {
    cells.push(cell);
    if (cells.some((c) => c.trim() !== '')) rows.push({ line: start, cells: cells.map((c) => c.trim()) });
    cells = [];
    cell = '';
  };
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] as string;
    if (quoted) {
      if (char === '"' && text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else if (char === '"') quoted = false;
      else {
        if (char === '\n') line += 1;
        cell += char;
      }
    } else if (char === '"' && cell.trim() === '') {
      quoted = true;
      cell = '';
    } else if (char === separator) {
      cells.push(cell);
      cell = '';
    } else if (char === '\n') {
      endRow();
      line += 1;
      start = line;
    } else if (char !== '\r') cell += char;
  }
  endRow();
  return rows;
}

function guessSeparator(text: string): string {
  const first = text.split('\n', 1)[0] ?? '';
  const counts = [',', ';', '\t'].map((s) => [s, first.split(s).length] as const);
  return counts.reduce((best, next) => (next[1] > best[1] ? next : best))[0];
}

const headers: Record<string, Column> = {
  name: 'name',
  имя: 'name',
  'имя и фамилия': 'name',
  фио: 'name',
  сотрудник: 'name',
  email: 'email',
  'e-mail': 'email',
  mail: 'email',
  почта: 'email',
  'эл. почта': 'email',
  'электронная почта': 'email',
  role: 'role',
  роль: 'role',
  должность: 'role',
  teams: 'teams',
  team: 'teams',
  команда: 'teams',
  команды: 'teams',
  отдел: 'teams',
  capacity: 'capacity',
  предел: 'capacity',
  'предел разговоров': 'capacity',
};
type Column = 'name' | 'email' | 'role' | 'teams' | 'capacity';
const order: Column[] = ['name', 'email', 'role', 'teams', 'capacity'];

export type RowProblem =
  | 'name_missing'
  | 'email_missing'
  | 'email_invalid'
  | 'email_repeated'
  | 'role_unknown'
  | 'team_unknown'
  | 'capacity_invalid';

export interface PersonRow {
  line: number;
  name: string;
  email: string;
  role: string;
  teams: string[];
  capacity: string;
  problems: RowProblem[];
}

export interface Known {
  roles: string[];
  teams: string[];
}

const emailPattern = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

/** readPeople understands a header in either language, or name, e-mail, role, teams in that order. */
export function readPeople(source: string, known: Known): PersonRow[] {
  const rows = parseCsv(source);
  const first = rows[0];
  if (!first) return [];
  const named = first.cells.map((c) => headers[c.toLowerCase()]);
  const hasHeader = named.includes('email');
  const columns = hasHeader ? named : order;
  const seen = new Set<string>();
  return (hasHeader ? rows.slice(1) : rows).map((row) => {
    const at = (column: Column) => row.cells[columns.indexOf(column)] ?? '';
    const person: PersonRow = {
      line: row.line,
      name: at('name'),
      email: at('email').toLowerCase(),
      role: at('role'),
      teams: at('teams')
        .split(/[|;,/]/)
        .map((s) => s.trim())
        .filter(Boolean),
      capacity: at('capacity'),
      problems: [],
    };
    person.problems = check(person, known, seen);
    seen.add(person.email);
    return person;
  });
}

function check(person: PersonRow, known: Known, seen: Set<string>): RowProblem[] {
  const problems: RowProblem[] = [];
  const has = (list: string[], name: string) => list.some((n) => n.toLowerCase() === name.toLowerCase());
  if (!person.name) problems.push('name_missing');
  if (!person.email) problems.push('email_missing');
  else if (!emailPattern.test(person.email)) problems.push('email_invalid');
  else if (seen.has(person.email)) problems.push('email_repeated');
  if (person.role && !has(known.roles, person.role)) problems.push('role_unknown');
  if (person.teams.some((team) => !has(known.teams, team))) problems.push('team_unknown');
  if (person.capacity && !/^\d{1,4}$/.test(person.capacity)) problems.push('capacity_invalid');
  return problems;
}

/** writePeople makes the CSV the server takes. Row n of people is line n+1. */
export function writePeople(people: PersonRow[]): string {
  const quote = (value: string) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  const lines = people.map((p) =>
    [p.name, p.email, p.role, p.teams.join('|'), p.capacity].map(quote).join(','),
  );
  return `${[order.join(','), ...lines].join('\n')}\n`;
}
