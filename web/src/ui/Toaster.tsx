import '@mantine/notifications/styles.layer.css';
import { Notifications } from '@mantine/notifications';

/** The corner where toasts appear. A module of its own: the first screen has none to show. */
export function Toaster() {
  return <Notifications position="bottom-right" limit={4} />;
}
