/** Named colours of tags and inboxes; white text can be read on each (4.5:1 or more). */
export const paints = {
  blue: '#2f5bea',
  violet: '#7c3aed',
  pink: '#be185d',
  red: '#c62f2f',
  orange: '#b45309',
  olive: '#5c6b0a',
  green: '#15803d',
  teal: '#0f766e',
  cyan: '#0e7490',
  gray: '#4b5563',
} as const;

const others: Record<string, string> = {
  grape: '#9333ea',
  purple: '#9333ea',
  indigo: '#4338ca',
  yellow: '#a16207',
  lime: '#4d7c0f',
  grey: '#4b5563',
};

/** A colour as the screen takes it: by name (the workspace's own shades, not the browser's) or as it is. */
export function paint(color: string): string {
  return (paints as Record<string, string>)[color] ?? others[color] ?? color;
}
