export interface SnoozeChoice {
  key: 'hour' | 'evening' | 'tomorrow' | 'monday';
  at: Date;
}

function day(now: Date, add: number, hour: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + add, hour);
}

/** In an hour, this evening (while it is early enough), tomorrow morning, Monday morning. */
export function snoozeChoices(now: Date): SnoozeChoice[] {
  const choices: SnoozeChoice[] = [{ key: 'hour', at: new Date(now.getTime() + 3600_000) }];
  if (now.getHours() < 16) choices.push({ key: 'evening', at: day(now, 0, 18) });
  choices.push({ key: 'tomorrow', at: day(now, 1, 9) });
  const toMonday = (8 - now.getDay()) % 7 || 7;
  if (toMonday > 1) choices.push({ key: 'monday', at: day(now, toMonday, 9) });
  return choices;
}

/** A time as <input type="datetime-local"> wants it. */
export function localInput(d: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
}
