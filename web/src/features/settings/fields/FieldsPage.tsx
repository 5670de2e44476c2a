import { Button } from '@mantine/core';
import { IconChevronRight, IconGripVertical, IconListDetails, IconPlus } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { fieldsQuery } from '@/api/reference';
import type { ContactField } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { EmptyState, Page, toast } from '@/ui';
import { Badge, Loaded, newId, type Open, RowText } from '../kit';
import css from '../kit/kit.module.css';
import { FieldForm } from './FieldForm';
import { move, useReorder } from './reorder';

export function FieldsPage() {
  const { t } = useTranslation('settings');
  const fields = useQuery(fieldsQuery);
  const [open, setOpen] = useState<Open>(null);
  const add = (
    <Button leftSection={<IconPlus size={15} />} onClick={() => setOpen(newId)}>
      {t('fields.add')}
    </Button>
  );
  return (
    <Page title={t('fields.title')} lead={t('fields.lead')} actions={add}>
      <Loaded query={fields}>
        {(items) => (
          <>
            {open === newId && (
              <div className={`${css.list} ${css.newEditor}`}>
                <FieldForm position={items.length} onClose={() => setOpen(null)} />
              </div>
            )}
            {items.length === 0 && open !== newId && (
              <div className={css.list}>
                <EmptyState icon={IconListDetails} title={t('fields.empty')} text={t('fields.empty_text')}>
                  {add}
                </EmptyState>
              </div>
            )}
            {items.length > 0 && <Fields items={items} open={open} onOpen={setOpen} />}
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Fields({ items, open, onOpen }: { items: ContactField[]; open: Open; onOpen: (id: Open) => void }) {
  const { t } = useTranslation('settings');
  const client = useQueryClient();
  const [said, setSaid] = useState('');
  const sorted = [...items].sort((a, b) => a.position - b.position);
  const onMove = (from: number, to: number) => {
    const next = move(sorted, from, to).map((field, position) => ({ ...field, position }));
    client.setQueryData(keys.fields, next);
    const moved = next[to];
    if (moved) setSaid(t('fields.moved', { name: moved.label, position: to + 1, total: next.length }));
    const changed = next.filter(
      (field) => sorted.find((f) => f.id === field.id)?.position !== field.position,
    );
    Promise.all(
      changed.map((f) =>
        api.patch(`/contact-fields/${f.id}`, { label: f.label, options: f.options, position: f.position }),
      ),
    ).catch((error) => {
      toast(errorText(t, error), 'error');
      void client.invalidateQueries({ queryKey: keys.fields });
    });
  };
  const { shown, dragging, handle } = useReorder({ items: sorted, onMove });
  return (
    <>
      <ul className={css.list} aria-label={t('fields.list')}>
        {shown.map((field) => (
          <li
            key={field.id}
            className={css.item}
            style={dragging === field ? { background: 'var(--sel)' } : undefined}
          >
            <div className={css.handled}>
              <button
                type="button"
                className={css.handle}
                aria-label={t('fields.move', { name: field.label })}
                {...handle(sorted.indexOf(field))}
              >
                <IconGripVertical size={16} aria-hidden />
              </button>
              <button
                type="button"
                className={css.row}
                style={{ paddingLeft: 4 }}
                aria-expanded={open === field.id}
                onClick={() => onOpen(open === field.id ? null : field.id)}
              >
                <RowText
                  title={field.label}
                  sub={field.type === 'choice' ? field.options.join(', ') : field.key}
                />
                <Badge>{t(`fields.type_${field.type}`)}</Badge>
                <IconChevronRight className={css.chevron} style={{ marginLeft: 0 }} size={16} aria-hidden />
              </button>
            </div>
            {open === field.id && (
              <div className={css.editor}>
                <FieldForm field={field} position={field.position} onClose={() => onOpen(null)} />
              </div>
            )}
          </li>
        ))}
      </ul>
      <span className="sr" aria-live="polite">
        {said}
      </span>
    </>
  );
}
