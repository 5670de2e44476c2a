import type { QueryClient } from '@tanstack/react-query';
import { keys } from '@/api/keys';
import type { Me } from '@/api/types';
import { setTheme } from '@/app/preferences';
import { setLang } from '@/i18n';

/** Begins a session: nothing of an earlier one stays, language and theme are the person's own. */
export async function enter(client: QueryClient, me: Me): Promise<void> {
  client.clear();
  client.setQueryData(keys.me, me);
  setTheme(me.settings.theme);
  await setLang(me.user.locale);
}
