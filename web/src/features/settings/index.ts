export { KindChoice } from './channels/ConnectPage';
export { zoneOptions, browserZone } from './inboxes/timezones';
export { kindsQuery } from './queries';
export { countryOptions } from './workspace/countries';
export * from './kit';
export { default as kitCss } from './kit/kit.module.css';
