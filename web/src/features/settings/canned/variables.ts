// The variables of canned replies, as the server fills them in.

export const variables = ['contact.name', 'contact.first_name', 'agent.name', 'inbox.name'] as const;

/** fill replaces what is known and leaves the rest for the eye to catch. */
export function fill(text: string, values: Record<string, string>): string {
  return text.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}

/** insertAt puts a piece at the cursor and says where the cursor goes. */
export function insertAt(
  text: string,
  start: number,
  end: number,
  piece: string,
): { text: string; cursor: number } {
  return { text: text.slice(0, start) + piece + text.slice(end), cursor: start + piece.length };
}

export const shortcutPattern = /^[\p{L}\p{N}_-]{1,50}$/u;
