const zones: Record<string, string> = {
  'Europe/Minsk': 'BY',
  'Asia/Almaty': 'KZ',
  'Asia/Bishkek': 'KG',
  'Asia/Tashkent': 'UZ',
  'Asia/Yerevan': 'AM',
  'Asia/Baku': 'AZ',
  'Asia/Tbilisi': 'GE',
  'Europe/Chisinau': 'MD',
  'Europe/London': 'GB',
  'Europe/Berlin': 'DE',
  'Asia/Dubai': 'AE',
  'Europe/Istanbul': 'TR',
};
const russian =
  /^(Europe\/(Moscow|Kaliningrad|Samara|Saratov|Volgograd|Astrakhan|Kirov|Ulyanovsk)|Asia\/(Yekaterinburg|Omsk|Novosibirsk|Novokuznetsk|Barnaul|Tomsk|Krasnoyarsk|Irkutsk|Chita|Yakutsk|Khandyga|Vladivostok|Magadan|Sakhalin|Srednekolymsk|Kamchatka|Anadyr))$/;

/** A first idea of the country: by the time zone, else by the browser's language. */
export function guessCountry(zone: string, languages: readonly string[]): string {
  if (russian.test(zone)) return 'RU';
  const byZone = zones[zone];
  if (byZone) return byZone;
  for (const language of languages) {
    const region = /-([A-Z]{2})$/.exec(language)?.[1];
    if (region) return region;
  }
  return 'RU';
}
