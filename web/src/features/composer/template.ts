import type { TemplateInfo } from '@/api/types';

export const isApproved = (x: TemplateInfo): boolean => /^approved$/i.test(x.status);

/** A part (header, body) with what is filled in; what is not yet stays in sight as {{1}}. */
export function filled(part: 'header' | 'body', text: string, values: Record<string, string>): string {
  return text.replace(
    /\{\{\s*(\w+)\s*\}\}/g,
    (all, name: string) => values[`${part}.${name}`]?.trim() || all,
  );
}

/** What a variable's key names: "body.1" a place in the text, "header.image" a file, "button.0" a button. */
export function place(
  info: TemplateInfo,
  key: string,
): { where: 'header' | 'file' | 'body' | 'button'; name: string } {
  const [part = '', name = ''] = key.split('.');
  if (part === 'button') return { where: 'button', name: info.buttons[Number(name)]?.text ?? name };
  if (part === 'header') return { where: info.header ? 'header' : 'file', name };
  return { where: 'body', name };
}
