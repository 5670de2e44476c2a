export { KindChoice } from './channels/ConnectPage';
export { browserZone, zoneOptions } from './inboxes/timezones';
export * from './kit';
export { default as kitCss } from './kit/kit.module.css';
export { kindsQuery } from './queries';
export { countryOptions } from './workspace/countries';
