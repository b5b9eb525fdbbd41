import { type ExpectedPerson, type ExportColumn, type ExportFormat, makeExport } from './export-format.ts';
import { type EnglishPerson, englishPeople } from './export-people.ts';

type English = ExportColumn<EnglishPerson>;

/** As Shopify writes ids and numbers, so that spreadsheets leave them alone. */
const asText = (text: string) => `'${text}`;
const digits = (text: string) => text.replace(/\D/g, '');
const fullName = (person: EnglishPerson) => `${person.given} ${person.family}`;

const expected = (person: EnglishPerson): ExpectedPerson => ({
  ...{ name: fullName(person), kana: null, postalCode: person.zip },
  addressLines: [person.street, person.apartment, `${person.city}, ${person.state}`].filter((line) => line !== ''),
  ...{ emails: [person.email], phone: digits(person.phone), externalId: person.id },
});
const make = (
  name: string,
  columns: English[],
  change: (person: EnglishPerson) => Partial<ExpectedPerson> = () => ({}),
): ExportFormat =>
  makeExport(name, { people: englishPeople, country: 'US' }, columns, (person) => ({
    ...expected(person),
    ...change(person),
  }));

const ignored = (names: string, cell: string | ((person: EnglishPerson) => string) = ''): English[] =>
  names.split(',').map((name): English => [name, 'ignored', cell]);

export function englishFormats(): ExportFormat[] {
  return [shopifyCustomers(), shopifyOrders(), wooCommerce(), magento(), salesforce(), amazonOrders(), ...generic()];
}

// https://help.shopify.com/en/manual/customers/import-export-customers
const shopifyCustomers = () =>
  make('Shopify customers', [
    ['Customer ID', 'external_id', (person) => asText(person.id)],
    ['First Name', 'given_name', (person) => person.given],
    ['Last Name', 'family_name', (person) => person.family],
    ['Email', 'email', (person) => person.email],
    ['Accepts Email Marketing', 'ignored', 'yes'],
    ['Default Address Company', 'company', ''],
    ['Default Address Address1', 'street', (person) => person.street],
    ['Default Address Address2', 'building', (person) => person.apartment],
    ['Default Address City', 'city', (person) => person.city],
    ['Default Address Province Code', 'prefecture', (person) => person.state],
    ['Default Address Country Code', 'country', 'US'],
    ['Default Address Zip', 'postal', (person) => asText(person.zip)],
    ['Default Address Phone', 'phone', (person) => asText(person.phone)],
    ['Phone', 'phone', ''],
    ...ignored('Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags'),
  ]);

// https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders
const shopifyOrders = () =>
  make(
    'Shopify orders',
    [
      ['Name', 'ignored', (person) => `#${person.id}`],
      ['Email', 'email', (person) => person.email],
      ['Financial Status', 'ignored', 'paid'],
      ['Paid at', 'last_use', '2017-05-21 10:00:00 +0900'],
      ...ignored('Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total'),
      ...ignored('Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name'),
      ['Billing Name', 'full_name', fullName],
      ['Billing Street', 'ignored', (person) => [person.street, person.apartment].filter(Boolean).join(', ')],
      ['Billing Address1', 'street', (person) => person.street],
      ['Billing Address2', 'building', (person) => person.apartment],
      ['Billing Company', 'company', ''],
      ['Billing City', 'city', (person) => person.city],
      ['Billing Zip', 'postal', (person) => asText(person.zip)],
      ['Billing Province', 'prefecture', (person) => person.state],
      ['Billing Country', 'country', 'US'],
      ['Billing Phone', 'phone', (person) => person.phone],
      ['Shipping Name', 'ignored', 'Some Body Else'],
      ['Shipping Street', 'ignored', '1 Other Street'],
      ['Shipping Address1', 'ignored', '1 Other Street'],
      ...ignored('Shipping Address2,Shipping Company'),
      ['Shipping City', 'ignored', 'Elsewhere'],
      ['Shipping Zip', 'ignored', '10001'],
      ...ignored('Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at'),
      ...ignored('Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location'),
      ['Device ID', 'ignored', ''],
      ['Id', 'ignored', (person) => `55${person.id}`],
      ...ignored('Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value'),
      ['Phone', 'phone', ''],
      ...ignored('Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,Payment References'),
    ],
    () => ({ externalId: null }),
  );

// The columns of the customer exporter plugins; the password is the hash of WordPress.
const wooCommerce = () =>
  make('WooCommerce', [
    ['customer_id', 'external_id', (person) => person.id],
    ['user_login', 'ignored', (person) => person.given.toLowerCase()],
    ['user_pass', 'forbidden', '$P$Binvented.invented.invented.inv'],
    ['user_nicename', 'ignored', (person) => person.given.toLowerCase()],
    ['user_email', 'email', (person) => person.email],
    ...ignored('user_url,user_registered,display_name'),
    ['first_name', 'given_name', (person) => person.given],
    ['last_name', 'family_name', (person) => person.family],
    ['billing_first_name', 'ignored', (person) => person.given],
    ['billing_last_name', 'ignored', (person) => person.family],
    ['billing_company', 'company', ''],
    ['billing_email', 'email', (person) => person.email],
    ['billing_phone', 'phone', (person) => person.phone],
    ['billing_address_1', 'street', (person) => person.street],
    ['billing_address_2', 'building', (person) => person.apartment],
    ['billing_postcode', 'postal', (person) => person.zip],
    ['billing_city', 'city', (person) => person.city],
    ['billing_state', 'prefecture', (person) => person.state],
    ['billing_country', 'country', 'US'],
    ['shipping_first_name', 'ignored', 'Some'],
    ['shipping_last_name', 'ignored', 'Body'],
    ['shipping_address_1', 'ignored', '1 Other Street'],
    ['shipping_city', 'ignored', 'Elsewhere'],
  ]);

// The customer import and export of Magento 1 (customer_composite).
const magento = () =>
  make(
    'Magento',
    [
      ['email', 'email', (person) => person.email],
      ...ignored('_website,_store,confirmation,created_at,created_in'),
      ['dob', 'birth', (person) => person.birth],
      ['firstname', 'given_name', (person) => person.given],
      ['gender', 'ignored', ''],
      ['group_id', 'ignored', '1'],
      ['lastname', 'family_name', (person) => person.family],
      ['middlename', 'ignored', ''],
      ['password_hash', 'forbidden', 'a hash'],
      ['prefix', 'honorific', ''],
      ['rp_token', 'forbidden', 'a token'],
      ...ignored('rp_token_created_at,store_id,suffix,taxvat,website_id'),
      ['password', 'forbidden', ''],
      ['_address_city', 'city', (person) => person.city],
      ['_address_company', 'company', ''],
      ['_address_country_id', 'country', 'US'],
      ['_address_fax', 'ignored', ''],
      ['_address_firstname', 'ignored', (person) => person.given],
      ['_address_lastname', 'ignored', (person) => person.family],
      ['_address_middlename', 'ignored', ''],
      ['_address_postcode', 'postal', (person) => person.zip],
      ['_address_prefix', 'ignored', ''],
      ['_address_region', 'prefecture', (person) => person.state],
      ['_address_street', 'street', (person) => person.street],
      ['_address_suffix', 'ignored', ''],
      ['_address_telephone', 'phone', (person) => person.phone],
      ...ignored('_address_vat_id,_address_default_billing_,_address_default_shipping_'),
    ],
    (person) => ({ externalId: null, addressLines: [person.street, `${person.city}, ${person.state}`] }),
  );

// A report of contacts.
const salesforce = () =>
  make('Salesforce contacts', [
    ['Contact ID', 'external_id', (person) => person.id],
    ['Salutation', 'honorific', ''],
    ['First Name', 'given_name', (person) => person.given],
    ['Last Name', 'family_name', (person) => person.family],
    ['Title', 'ignored', 'Head of Purchasing'],
    ['Account Name', 'company', ''],
    ['Department', 'department', ''],
    ['Mailing Street', 'street', (person) => person.street],
    ['Mailing Address Line 2', 'building', (person) => person.apartment],
    ['Mailing City', 'city', (person) => person.city],
    ['Mailing State/Province', 'prefecture', (person) => person.state],
    ['Mailing Zip/Postal Code', 'postal', (person) => person.zip],
    ['Mailing Country', 'country', 'United States'],
    ['Other Street', 'ignored', '5 Holiday Road'],
    ['Other City', 'ignored', 'Elsewhere'],
    ['Phone', 'phone', (person) => person.phone],
    ['Mobile', 'phone', ''],
    ['Fax', 'ignored', '+1 555 019 9999'],
    ['Email', 'email', (person) => person.email],
    ['Birthdate', 'birth', (person) => person.birth],
  ]);

// Tells where a parcel goes, and nothing of where the buyer lives: they get an email.
const amazonOrders = () =>
  make(
    'Amazon orders',
    [
      ...ignored('order-id', (person) => `250-${person.id}`),
      ['purchase-date', 'last_use', '2017-05-21T10:00:00+09:00'],
      ['buyer-email', 'email', (person) => person.email],
      ['buyer-name', 'full_name', fullName],
      ['buyer-phone-number', 'phone', (person) => person.phone],
      ['recipient-name', 'ignored', 'Some Body Else'],
      ['ship-address-1', 'ignored', '1 Other Street'],
      ['ship-city', 'ignored', 'Elsewhere'],
      ['ship-postal-code', 'ignored', '10001'],
      ['ship-country', 'ignored', 'US'],
    ],
    () => ({ externalId: null, addressLines: [], postalCode: null }),
  );

const generic = () => [
  make('generic English', [
    ['Customer No.', 'external_id', (person) => person.id],
    ['Full Name', 'full_name', fullName],
    ['Address Line 1', 'street', (person) => person.street],
    ['Address Line 2', 'building', (person) => person.apartment],
    ['Town/City', 'city', (person) => person.city],
    ['State/Province', 'prefecture', (person) => person.state],
    ['Zip Code', 'postal', (person) => person.zip],
    ['E-mail Address', 'email', (person) => person.email],
    ['Phone Number', 'phone', (person) => person.phone],
    ['Date of Birth', 'birth', (person) => person.birth],
  ]),
  make('home and work', [
    ['ID', 'external_id', (person) => person.id],
    ['Name', 'full_name', fullName],
    ['Company', 'company', 'Example Works'],
    ['Home Street', 'street', (person) => person.street],
    ['Home Address 2', 'building', (person) => person.apartment],
    ['Home City', 'city', (person) => person.city],
    ['Home State', 'prefecture', (person) => person.state],
    ['Home Postal Code', 'postal', (person) => person.zip],
    ['Business Street', 'ignored', '1 Factory Road'],
    ['Business City', 'ignored', 'Elsewhere'],
    ['Business Phone', 'ignored', '+1 555 019 0000'],
    ['Home Phone', 'phone', (person) => person.phone],
    ['Work Email', 'ignored', 'office@example.com'],
    ['E-mail', 'email', (person) => person.email],
  ]),
];
