export { AuthLayout } from './AuthLayout';
export { default as authCss } from './AuthLayout.module.css';
export { enter } from './enter';
