import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core';

const accent: MantineColorsTuple = [
  '#eef2ff',
  '#e0e8ff',
  '#c1cffd',
  '#9fb3fb',
  '#7c9cff',
  '#5a80f6',
  '#2f5bea',
  '#264fd4',
  '#1f43b5',
  '#1a3793',
];

/** Mantine's greys of the dark theme, after the tokens: grounds of inputs, menus and popovers. */
const dark: MantineColorsTuple = [
  '#e8eaee',
  '#c6ccd6',
  '#a2abba',
  '#8c95a4',
  '#3a414d',
  '#262b34',
  '#1b1f27',
  '#16191f',
  '#0f1115',
  '#0b0d11',
];

/** What is written on the accent differs by theme, which Mantine's own choice does not know. */
const variantColorResolver: VariantColorsResolver = (input) => {
  const colors = defaultVariantColorsResolver(input);
  const onAccent = input.variant === 'filled' && (!input.color || input.color === 'accent');
  return onAccent ? { ...colors, color: 'var(--on-accent)', hoverColor: 'var(--on-accent)' } : colors;
};

/** Mantine follows tokens.css: this only says which of its variables is which token. */
export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  colors: { accent, dark },
  variantColorResolver,
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  defaultRadius: 8,
  cursorType: 'pointer',
  components: {
    Button: { defaultProps: { size: 'xs', fz: 13 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 30 } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', comboboxProps: { shadow: 'md' } } },
    Tooltip: { defaultProps: { openDelay: 450, fz: 12, color: 'dark' } },
    Menu: { defaultProps: { shadow: 'md', position: 'bottom-end', withinPortal: true } },
    Popover: { defaultProps: { shadow: 'md' } },
    Modal: { defaultProps: { centered: true, radius: 12 } },
  },
});

const scheme = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--dim)',
  '--mantine-color-placeholder': 'var(--faint)',
  '--mantine-color-anchor': 'var(--accent-text)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--line)',
  '--mantine-color-gray-light': 'var(--hover)',
  '--mantine-color-gray-light-hover': 'var(--hover)',
  '--mantine-color-gray-light-color': 'var(--dim)',
  '--mantine-color-gray-subtle': 'transparent',
  '--mantine-color-gray-subtle-hover': 'var(--hover)',
  '--mantine-color-accent-filled': 'var(--accent)',
  '--mantine-color-accent-filled-hover': 'var(--accent-hover)',
  '--mantine-primary-color-contrast': 'var(--on-accent)',
  '--mantine-color-accent-light': 'var(--accent-soft)',
  '--mantine-color-accent-light-hover': 'var(--sel)',
  '--mantine-color-accent-light-color': 'var(--accent-text)',
  '--mantine-color-accent-text': 'var(--accent-text)',
  '--mantine-color-accent-outline': 'var(--accent-text)',
  '--mantine-color-red-text': 'var(--bad)',
  '--mantine-color-red-light': 'var(--bad-soft)',
  '--mantine-color-red-light-color': 'var(--bad)',
};

export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--mantine-shadow-md': 'var(--shadow)', '--mantine-line-height-sm': '1.45' },
  light: { ...scheme, '--mantine-color-gray-subtle-color': 'var(--dim)' },
  dark: { ...scheme, '--mantine-color-gray-subtle-color': 'var(--dim)' },
});
