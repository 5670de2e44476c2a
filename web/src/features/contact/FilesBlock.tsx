import { IconFile, IconMicrophone, IconMusic, IconVideo } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '@/api/client';
import { keys } from '@/api/keys';
import type { Contact, FileInfo, ID, List, Time } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { FileSize, RelativeTime } from '@/ui';
import { Block } from './Block';
import classes from './ContactPane.module.css';

type Filed = FileInfo & { item_id: ID; conversation_id: ID; at: Time };
const icons = { voice: IconMicrophone, audio: IconMusic, video: IconVideo } as const;
const few = { pictures: 6, papers: 4 };

/** What was ever sent either way: pictures small, papers by name; each leads to its place. */
export function FilesBlock({ contact }: { contact: Contact }) {
  const { t } = useTranslation(['contact', 'common']);
  const [all, setAll] = useState(false);
  const query = useQuery({
    queryKey: keys.contactFiles(contact.id),
    queryFn: ({ signal }) => api.get<List<Filed>>(`/contacts/${contact.id}/files`, undefined, { signal }),
    staleTime: 60_000,
  });
  const files = query.data?.items ?? [];
  if (!files.length) return null;
  const pictures = files.filter((f) => f.kind === 'image' && f.state === 'ready');
  const papers = files.filter((f) => f.kind !== 'image' && f.kind !== 'sticker' && f.kind !== 'voice');
  const more = pictures.length > few.pictures || papers.length > few.papers;
  if (!pictures.length && !papers.length) return null;
  const to = (f: Filed) => ({
    to: '/c/$conversationId' as const,
    params: { conversationId: f.conversation_id },
    search: { item: f.item_id },
  });
  return (
    <Block
      title={t('files')}
      action={
        more && (
          <button type="button" className={classes.add} onClick={() => setAll(!all)} aria-expanded={all}>
            {t(all ? 'fewer' : 'common:action.show_more')}
          </button>
        )
      }
    >
      {pictures.length > 0 && (
        <div className={classes.pictures}>
          {pictures.slice(0, all ? undefined : few.pictures).map((f) => (
            <Link key={f.id} {...to(f)} aria-label={f.name}>
              <img src={f.thumb_url ?? f.url} alt="" loading="lazy" />
            </Link>
          ))}
        </div>
      )}
      {papers.slice(0, all ? undefined : few.papers).map((f) => {
        const Icon = icons[f.kind as keyof typeof icons] ?? IconFile;
        return (
          <Link key={f.id} {...to(f)} className={classes.paper}>
            <Icon size={17} stroke={1.6} aria-hidden />
            <span>{f.name || t(`common:files.${f.kind}`)}</span>
            <small>
              <FileSize bytes={f.size} /> · <RelativeTime at={f.at} />
            </small>
          </Link>
        );
      })}
    </Block>
  );
}
