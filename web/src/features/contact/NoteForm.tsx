import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from '@/i18n/useTranslation';
import classes from './ContactPane.module.css';

export function NoteForm({ onSave }: { onSave: (text: string) => void }) {
  const { t } = useTranslation(['contact', 'common']);
  const [text, setText] = useState('');
  const save = () => text.trim() && onSave(text.trim());
  return (
    <form
      className={classes.noteForm}
      onSubmit={(e) => {
        e.preventDefault();
        save();
      }}
    >
      <Textarea
        autoFocus
        autosize
        minRows={2}
        maxRows={8}
        size="xs"
        value={text}
        onChange={(e) => setText(e.currentTarget.value)}
        aria-label={t('notes.text')}
        placeholder={t('notes.text')}
        onKeyDown={(e) => e.key === 'Enter' && (e.ctrlKey || e.metaKey) && save()}
      />
      <Button type="submit" disabled={!text.trim()}>
        {t('common:action.save')}
      </Button>
    </form>
  );
}
