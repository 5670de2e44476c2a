// The few words that the launcher needs before it is opened.
import type { Lang } from './types';

interface Words {
  open: string;
  close: string;
  chat: string;
  unread: string;
  dismiss: string;
  file: string;
}

export const dictionaries: Record<Lang, Words> = {
  ru: { open: 'Открыть чат', close: 'Закрыть чат', chat: 'Чат с компанией', unread: 'непрочитанных: {n}', dismiss: 'Скрыть', file: 'Новое сообщение' },
  en: { open: 'Open chat', close: 'Close chat', chat: 'Chat with us', unread: '{n} unread', dismiss: 'Dismiss', file: 'New message' },
};
