import type { TemplateInfo } from '@/api/types';

export const isApproved = (x: TemplateInfo): boolean => /^approved$/i.test(x.status);

/** The body with what is filled in; what is not yet stays in sight as {{1}}. */
export function filled(body: string, values: Record<string, string>): string {
  return body.replace(/\{\{\s*([\w.]+)\s*\}\}/g, (all, key: string) => values[key]?.trim() || all);
}
