import '@fontsource-variable/inter/index.css';
import './app/reset.css';
import '@mantine/core/styles.layer.css';
import './app/tokens.css';
import './app/base.css';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from './api/query-client';
import { meQuery } from './api/reference';
import { App } from './app/App';
import { startI18n } from './i18n';

const root = document.getElementById('root');
if (!root) throw new Error('no #root');
// Asked for while the texts load; the router then finds the answer.
const client = newQueryClient();
client.prefetchQuery({ ...meQuery, retry: false });
if (/^\/(c\/|$)/.test(window.location.pathname)) import('./features/conversations/Workspace');
startI18n().then(() => createRoot(root).render(<App client={client} />));
