import { Menu } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/client';
import { errorText } from '@/api/error';
import { keys } from '@/api/keys';
import { useTags } from '@/api/reference';
import type { Contact, ID } from '@/api/types';
import { useTranslation } from '@/i18n/useTranslation';
import { toast } from '@/ui';
import { paint } from '@/ui/paint';
import { Block } from './Block';
import classes from './ContactPane.module.css';

export function TagsBlock({ contact, editable }: { contact: Contact; editable: boolean }) {
  const { t } = useTranslation(['contact', 'common']);
  const client = useQueryClient();
  const tags = useTags();
  const [find, setFind] = useState('');
  const set = async (tag_ids: ID[]) => {
    const key = keys.contact(contact.id);
    client.setQueryData<Contact>(key, (c) => c && { ...c, tag_ids });
    try {
      await api.put(`/contacts/${contact.id}/tags`, { tag_ids });
    } catch (error) {
      client.setQueryData<Contact>(key, (c) => c && { ...c, tag_ids: contact.tag_ids });
      toast(errorText(t, error), 'error');
    }
  };
  const has = (id: ID) => contact.tag_ids.includes(id);
  const flip = (id: ID) => set(has(id) ? contact.tag_ids.filter((x) => x !== id) : [...contact.tag_ids, id]);
  const menu = (
    <Menu width={220} closeOnItemClick={false} trapFocus onClose={() => setFind('')}>
      <Menu.Target>
        <button type="button" className={classes.add}>
          {t('common:action.add')}
        </button>
      </Menu.Target>
      <Menu.Dropdown role="dialog" aria-label={t('tags.find')}>
        <Menu.Search
          value={find}
          onChange={(e) => setFind(e.currentTarget.value)}
          placeholder={t('tags.find')}
          aria-label={t('tags.find')}
        />
        <div role="menu" aria-label={t('tags.title')}>
          {tags.all
            .filter((x) => x.name.toLowerCase().includes(find.trim().toLowerCase()))
            .slice(0, 30)
            .map((x) => (
              <Menu.Item
                key={x.id}
                onClick={() => flip(x.id)}
                leftSection={<span className={classes.tagDot} style={{ background: paint(x.color) }} />}
                rightSection={has(x.id) && <IconCheck size={15} />}
              >
                {x.name}
              </Menu.Item>
            ))}
        </div>
        {!tags.all.length && <Menu.Label>{t('tags.none')}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
  return (
    <Block title={t('tags.title')} action={editable && menu}>
      <div className={classes.tags}>
        {contact.tag_ids.map((id) => {
          const tag = tags.byId.get(id);
          if (!tag) return null;
          return (
            <span key={id} className={classes.tag}>
              <span className={classes.tagDot} style={{ background: paint(tag.color) }} />
              {tag.name}
              {editable && (
                <button
                  type="button"
                  onClick={() => flip(id)}
                  aria-label={t('tags.remove', { name: tag.name })}
                >
                  <IconX size={12} aria-hidden />
                </button>
              )}
            </span>
          );
        })}
        {!contact.tag_ids.length && <span className={classes.none}>{t('tags.empty')}</span>}
      </div>
    </Block>
  );
}
