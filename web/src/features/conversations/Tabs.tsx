import { IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { useCounts } from '@/api/conversations';
import { useViews } from '@/api/reference';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './ListPane.module.css';
import { useFilterWords } from './useFilterWords';
import { tabs, type useList } from './useList';

export function Tabs({ list }: { list: ReturnType<typeof useList> }) {
  const { t } = useTranslation('conversations');
  const counts = useCounts();
  const views = useViews();
  const bar = useRef<HTMLDivElement>(null);
  const { search, filter, show } = list;
  const words = useFilterWords(search);
  const current = search.view ?? filter.scope ?? 'mine';
  const all = [
    ...tabs.map((tab) => ({
      key: tab as string,
      name: t(`tab.${tab}`),
      count: counts.data?.[tab],
      to: { ...search, item: undefined, view: undefined, scope: tab },
    })),
    ...views.all
      .slice()
      .sort((a, b) => a.position - b.position)
      .map((v) => ({ key: v.id, name: v.name, count: counts.data?.by_view?.[v.id], to: { view: v.id } })),
  ];
  const onKey = (e: KeyboardEvent) => {
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    if (!step) return;
    e.preventDefault();
    const at = all.findIndex((x) => x.key === current);
    const next = all[(at + step + all.length) % all.length];
    if (!next) return;
    show(next.to);
    bar.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next.key)}"]`)?.focus();
  };
  return (
    <>
      <div className={classes.tabs} role="tablist" aria-label={t('tabs')} ref={bar} onKeyDown={onKey}>
        {all.map((x) => (
          <button
            key={x.key}
            data-key={x.key}
            type="button"
            role="tab"
            aria-selected={x.key === current}
            aria-controls="conversation-rows"
            tabIndex={x.key === current ? 0 : -1}
            className={classes.tab}
            onClick={() => show(x.to)}
          >
            {x.name}
            {!!x.count && <em>{x.count.toLocaleString()}</em>}
          </button>
        ))}
      </div>
      {words.length > 0 && (
        <div className={classes.chips}>
          {words.map(({ key, text }) => (
            <button
              key={key}
              type="button"
              className={classes.chip}
              aria-label={t('filter.remove', { name: text })}
              onClick={() => show({ ...search, [key]: undefined })}
            >
              {text}
              <IconX size={13} aria-hidden />
            </button>
          ))}
        </div>
      )}
    </>
  );
}
