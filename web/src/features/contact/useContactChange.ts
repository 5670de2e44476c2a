import { useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import type { Contact } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';

export type ContactPatch = Partial<Pick<Contact, 'name' | 'company' | 'fields' | 'blocked'>>;

/** Changes a contact at once; a refusal is said and taken back. */
export function useContactChange(id: string) {
  const client = useQueryClient();
  const { t } = useTranslation('contact');
  return async (patch: ContactPatch) => {
    const key = keys.contact(id);
    const before = client.getQueryData<Contact>(key);
    client.setQueryData<Contact>(
      key,
      (c) => c && { ...c, ...patch, fields: { ...c.fields, ...patch.fields } },
    );
    try {
      client.setQueryData<Contact>(key, await api.patch<Contact>(`/contacts/${id}`, patch));
    } catch (error) {
      client.setQueryData(key, before);
      toast(errorText(t, error), 'error');
    }
  };
}
