const codes = [
  'RU', 'BY', 'KZ', 'KG', 'UZ', 'AM', 'AZ', 'GE', 'MD', 'TJ', 'TM', 'UA', 'LV', 'LT', 'EE', 'PL', 'CZ', 'SK', 'HU',
  'RO', 'BG', 'RS', 'ME', 'HR', 'SI', 'GR', 'CY', 'TR', 'IL', 'AE', 'SA', 'QA', 'EG', 'IN', 'TH', 'VN', 'ID', 'MY',
  'SG', 'CN', 'HK', 'TW', 'JP', 'KR', 'MN', 'AU', 'NZ', 'US', 'CA', 'MX', 'BR', 'AR', 'CL', 'CO', 'PE', 'GB', 'IE',
  'FR', 'DE', 'AT', 'CH', 'NL', 'BE', 'LU', 'ES', 'PT', 'IT', 'DK', 'NO', 'SE', 'FI', 'IS', 'ZA', 'NG', 'KE',
];

/** Countries by name in a language, those around first. */
export function countryOptions(lang: string): { value: string; label: string }[] {
  const names = new Intl.DisplayNames([lang], { type: 'region' });
  return codes.map((code) => ({ value: code, label: names.of(code) ?? code }));
}
