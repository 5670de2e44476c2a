import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useMe } from '@/api/reference';
import type { Me, Settings } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';

/** The person's settings; a change shows at once and is taken back, with a word, if the server refuses. */
export function useSettings(): [Settings, (part: Partial<Settings>) => void] {
  const { t } = useTranslation('profile');
  const client = useQueryClient();
  const { settings } = useMe();
  const put = (part: Partial<Settings>) =>
    client.setQueryData<Me>(keys.me, (me) => me && { ...me, settings: { ...me.settings, ...part } });
  const { mutate } = useMutation({
    mutationFn: (part: Partial<Settings>) => api.patch<Settings>('/me/settings', part),
    onMutate: (part) => {
      const before = settings;
      put(part);
      return before;
    },
    onError: (error, _, before) => {
      if (before) put(before);
      toast(errorText(t, error), 'error');
    },
  });
  return [settings, mutate];
}
