import { describe, expect, it } from 'vitest';
import { parseCsv, readPeople, writePeople } from './csv';

const known = { roles: ['agent', 'Агент', 'admin'], teams: ['Продажи', 'Support'] };

describe('parseCsv', () => {
  it('reads quotes, doubled quotes and line breaks inside', () => {
    expect(parseCsv('a,"b ""c"", d"\r\n"two\nlines",x\nlast,1')).toEqual([
      { line: 1, cells: ['a', 'b "c", d'] },
      { line: 2, cells: ['two\nlines', 'x'] },
      { line: 4, cells: ['last', '1'] },
    ]);
  });

  it('takes semicolons and tabs, a byte order mark and empty lines', () => {
    expect(parseCsv('\uFEFFимя;почта\n\nАнна;a@b.ru\n').map((r) => [r.line, ...r.cells])).toEqual([
      [1, 'имя', 'почта'],
      [3, 'Анна', 'a@b.ru'],
    ]);
    expect(parseCsv('x\ty')[0]?.cells).toEqual(['x', 'y']);
  });
});

describe('readPeople', () => {
  it('understands Russian headers in any order', () => {
    const [row] = readPeople('Почта;Имя;Роль;Команды\nANNA@shop.ru;Анна;агент;Продажи, support', known);
    expect(row).toMatchObject({
      line: 2,
      name: 'Анна',
      email: 'anna@shop.ru',
      teams: ['Продажи', 'support'],
      problems: [],
    });
  });

  it('works without a header', () => {
    expect(readPeople('Анна,a@b.ru', known)[0]).toMatchObject({
      line: 1,
      name: 'Анна',
      email: 'a@b.ru',
      role: '',
    });
  });

  it.each([
    ['', 'a@b.ru', '', '', '', ['name_missing']],
    ['A', '', '', '', '', ['email_missing']],
    ['A', 'nope', '', '', '', ['email_invalid']],
    ['A', 'a@b.ru', 'boss', '', '', ['role_unknown']],
    ['A', 'a@b.ru', '', 'Ghosts', '', ['team_unknown']],
    ['A', 'a@b.ru', '', '', 'many', ['capacity_invalid']],
  ])('names what is wrong: %s %s %s %s %s', (name, email, role, teams, capacity, problems) => {
    const csv = `name,email,role,teams,capacity\n${name},${email},${role},${teams},${capacity}`;
    expect(readPeople(csv, known)[0]?.problems).toEqual(problems);
  });

  it('finds an address twice', () => {
    const rows = readPeople('name,email\nA,a@b.ru\nB,A@B.ru', known);
    expect(rows.map((r) => r.problems)).toEqual([[], ['email_repeated']]);
  });
});

it('writePeople quotes what needs quoting and can be read again', () => {
  const rows = readPeople('name,email,role,teams\n"Ли, ""Анна""",a@b.ru,admin,Продажи', known);
  expect(readPeople(writePeople(rows), known)).toEqual(rows);
});
