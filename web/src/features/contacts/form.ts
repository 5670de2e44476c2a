export interface ContactValues {
  name: string;
  company: string;
  phone: string;
  email: string;
}

/** Where a search in vain belongs in the form of a new contact. */
export function guess(text: string): Partial<ContactValues> {
  const clean = text.trim();
  if (!clean) return {};
  if (clean.includes('@')) return { email: clean };
  if (/^[+\d][\d\s()+-]{4,}$/.test(clean)) return { phone: clean };
  return { name: clean };
}

export function identitiesOf(
  values: Pick<ContactValues, 'phone' | 'email'>,
): { kind: string; value: string }[] {
  return (['phone', 'email'] as const)
    .map((kind) => ({ kind, value: values[kind].trim() }))
    .filter((identity) => identity.value !== '');
}
