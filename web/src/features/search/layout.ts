// Typing with the wrong keyboard layout is no reason to find nothing.
const latin = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const cyrillic = 'йцукенгшщзхъфывапролджэячсмитьбюё';

/** The same keys in the other layout: "rfyfks" → "каналы". */
export function swapLayout(text: string): string {
  return [...text.toLowerCase()]
    .map((char) => {
      const l = latin.indexOf(char);
      if (l >= 0) return cyrillic[l];
      const c = cyrillic.indexOf(char);
      return c >= 0 ? latin[c] : char;
    })
    .join('');
}

/** Whether every word of the query begins a word of the text, in either layout. */
export function matches(query: string, text: string): boolean {
  const words = text.toLowerCase().split(/[\s:«»"“”]+/);
  const fits = (q: string) => q.split(/\s+/).every((part) => words.some((word) => word.startsWith(part)));
  const clean = query.trim().toLowerCase();
  return clean === '' || fits(clean) || fits(swapLayout(clean));
}
