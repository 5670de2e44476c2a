import { api } from './client';
import { keys } from './keys';
import type { Contact, ID } from './types';

export function contactQuery(id: ID) {
  return {
    queryKey: keys.contact(id),
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      api.get<Contact>(`/contacts/${id}`, undefined, { signal }),
  };
}
