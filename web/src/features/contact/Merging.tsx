import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useCan, useUsers } from '@/api/reference';
import type { Contact, List, Merge, Suggestion } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { Avatar, ConfirmInline, dateTime, toast } from '@/ui';
import classes from './ContactPane.module.css';

/** Somebody who is probably the same person, and joinings that can be taken back. */
export function Merging({ contact }: { contact: Contact }) {
  const { t, i18n } = useTranslation(['contact', 'common']);
  const client = useQueryClient();
  const may = useCan('contact.merge');
  const users = useUsers();
  const suggestions = useQuery({
    queryKey: keys.suggestions(contact.id),
    queryFn: ({ signal }) =>
      api.get<List<Suggestion>>(`/contacts/${contact.id}/suggestions`, undefined, { signal }),
    staleTime: 60_000,
    enabled: may,
  });
  const merges = useQuery({
    queryKey: keys.merges(contact.id),
    queryFn: ({ signal }) => api.get<List<Merge>>(`/contacts/${contact.id}/merges`, undefined, { signal }),
    staleTime: 60_000,
    enabled: may,
  });
  if (!may) return null;
  const refresh = () => {
    client.invalidateQueries({ queryKey: keys.contacts });
    client.invalidateQueries({ queryKey: keys.conversations });
    client.invalidateQueries({ queryKey: ['items'] });
  };
  const fail = (error: unknown) => toast(errorText(t, error), 'error');
  const merge = (s: Suggestion) =>
    api.post(`/contacts/${contact.id}/merge`, { contact_id: s.contact.id }).then(refresh, fail);
  const dismiss = (s: Suggestion) =>
    api
      .post(`/contacts/${contact.id}/suggestions/${s.id}/dismiss`)
      .then(
        () =>
          client.setQueryData<List<Suggestion>>(
            keys.suggestions(contact.id),
            (l) => l && { ...l, items: l.items.filter((x) => x.id !== s.id) },
          ),
        fail,
      );
  const undo = (m: Merge) => api.post(`/merges/${m.id}/undo`).then(refresh, fail);
  return (
    <>
      {suggestions.data?.items.map((s) => (
        <div key={s.id} className={classes.suggestion}>
          <div className={classes.same}>
            <Avatar name={s.contact.name} color={s.contact.color} src={s.contact.avatar_url} size={28} />
            <span>
              <b>{t('merge.same', { name: s.contact.name })}</b>
              <small>
                {t([`merge.${s.reason}`, 'merge.other'])}
                {s.detail && `: ${s.detail}`}
              </small>
            </span>
          </div>
          <div className={classes.actions}>
            <ConfirmInline
              label={t('merge.join')}
              question={t('merge.sure')}
              danger={false}
              onConfirm={() => merge(s)}
            />
            <Button variant="subtle" color="gray" onClick={() => dismiss(s)}>
              {t('merge.dismiss')}
            </Button>
          </div>
        </div>
      ))}
      {merges.data?.items
        .filter((m) => !m.undone_at && m.winner_id === contact.id)
        .map((m) => (
          <div key={m.id} className={classes.merged}>
            <span>
              {t('merge.done', { name: m.loser_name, time: dateTime(m.at, i18n.language) })}
              {m.by_user_id && ` · ${users.byId.get(m.by_user_id)?.name ?? ''}`}
            </span>
            <ConfirmInline
              label={t('merge.undo')}
              question={t('merge.undo_sure')}
              danger={false}
              onConfirm={() => undo(m)}
            />
          </div>
        ))}
    </>
  );
}
