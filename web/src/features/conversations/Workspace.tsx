import { IconMessages } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { recall, remember } from '@/app/preferences';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState } from '@/ui';
import { ListPane } from './ListPane';
import { Resizer } from './Resizer';
import { useList } from './useList';
import classes from './Workspace.module.css';

const ConversationPane = lazy(() =>
  import('./ConversationPane').then((m) => ({ default: m.ConversationPane })),
);

const limits = { list: [260, 348, 560], contact: [260, 312, 520] } as const;

function useWidth(pane: keyof typeof limits): [number, (w: number) => void] {
  const [min, usual, max] = limits[pane];
  const clamp = (w: number) => Math.round(Math.min(max, Math.max(min, w)));
  const [width, setWidth] = useState(() => clamp(Number(recall(`width.${pane}`)) || usual));
  return [
    width,
    (w) => {
      setWidth(clamp(w));
      remember(`width.${pane}`, String(clamp(w)));
    },
  ];
}

/** List, conversation, contact: three panes whose widths are remembered; one at a time on a phone. */
export function Workspace() {
  const { t } = useTranslation('conversations');
  const { conversationId } = useList();
  const [listWidth, setListWidth] = useWidth('list');
  const [contactWidth, setContactWidth] = useWidth('contact');
  return (
    <div className={classes.panes} data-open={conversationId ? true : undefined}>
      <div className={classes.list} style={{ width: listWidth }}>
        <ListPane />
      </div>
      <Resizer value={listWidth} min={limits.list[0]} max={limits.list[2]} onChange={setListWidth} side={1} />
      {conversationId ? (
        <Suspense fallback={<div className={classes.middle} />}>
          <ConversationPane
            key={conversationId}
            id={conversationId}
            contactWidth={contactWidth}
            resizer={
              <Resizer
                value={contactWidth}
                min={limits.contact[0]}
                max={limits.contact[2]}
                onChange={setContactWidth}
                side={-1}
              />
            }
          />
        </Suspense>
      ) : (
        <div className={classes.middle}>
          <EmptyState icon={IconMessages} title={t('none.title')} text={t('none.text')} />
        </div>
      )}
    </div>
  );
}
