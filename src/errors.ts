/** Every public error code, its HTTP status and its sentence. `docs/errors.md` explains each; a test compares the two. */
export const errorCodes = {
  // Requests
  bad_request: [400, 'The request is not understood.'],
  invalid_body: [400, 'The request body does not have the expected form.'],
  invalid_facts: [400, 'The facts are incomplete or not of the expected form.'],
  invalid_mapping: [400, 'The column mapping cannot be used.'],
  no_file: [400, 'The upload holds no file.'],
  upload_interrupted: [400, 'The upload ended before the file was complete. Nothing was kept.'],
  unauthorized: [401, 'A valid API key is needed: Authorization: Bearer <key>.'],
  bad_signature: [401, 'The signature of the post, or its login, is missing or wrong.'],
  forbidden: [403, 'The key does not have the role that this needs.'],
  stale_signature: [403, 'The post was signed too long ago.'],
  unknown_topic: [403, 'Events of this topic are not taken here.'],
  own_work: [403, 'Whoever created, edited or submitted a notice may not approve it.'],
  not_found: [404, 'There is nothing with this id.'],
  unknown_reference: [404, 'Nobody has this reference.'],
  conflict: [409, 'This does not fit the present state.'],
  wrong_state: [409, 'This is not possible in the present state.'],
  already_approved: [409, 'The notice has been approved already.'],
  digest_differs: [409, 'The digest or the number of persons is not that of the notice as it stands now.'],
  overlap_unconfirmed: [409, 'Another notice of this template has gone to some of these persons; say how many.'],
  idempotency_key_reused: [
    409,
    'This Idempotency-Key was used with another request, or its first request is still running.',
  ],
  key_not_replayed: [409, 'The answer to this request held a secret and is not given twice.'],
  ambiguous_letter: [409, 'Several letters may be the one that came back; say which.'],
  letter_not_posted: [409, 'No letter of this person stands as posted.'],
  same_address: [409, 'The letter has gone to this address before; say that it is to go there again.'],
  figures_differ: [409, 'The figures acknowledged are not the figures of the batch.'],
  no_printer: [409, 'No printer is set to which this could go.'],
  no_relay: [409, 'No mail relay is set: set SMTP_URL, MAIL_FROM, BOUNCE_DOMAIN and PUBLIC_URL.'],
  preflight_failed: [409, 'No relay would take the notice. Nothing was changed.'],
  data_destroyed: [410, 'The personal data of this incident have been destroyed.'],
  too_large: [413, 'The body is larger than the limit.'],
  unsupported_media_type: [415, 'This content type is not taken here.'],
  empty_file: [422, 'The file is empty.'],
  tracking_refused: [422, 'Lines of the file cannot be taken, so none was.'],
  mistyped_reference: [422, 'This is no reference: a character is wrong, missing or too many.'],
  address_doubtful: [422, 'Postal code and address contradict each other; correct them or confirm them.'],
  rate_limited: [429, 'Too many requests; try again later.'],
  internal: [500, 'Something went wrong on our side.'],
  relay_failed: [502, 'The mail relay did not take the message.'],
  unavailable: [503, 'The service cannot reach its database, its queue or its files.'],

  // Why a list failed (a list's `problem`)
  no_rows: [422, 'The file holds a header and no rows.'],
  not_text: [422, 'The file is not a text file.'],
  unknown_encoding: [422, 'The encoding of the file is not recognised.'],
  no_header: [422, 'No column of the first line was recognised as a name.'],
  no_way_to_reach: [422, 'No column was recognised as an email address or a postal address.'],
  broken_quote: [422, 'A quotation mark is never closed.'],
  list_unreadable: [422, 'The file cannot be read.'],

  // Why a notice is not ready (a notice's `problems`) or paused (`pausedBecause`)
  missing_facts: [422, 'The template needs facts that the incident does not have yet.'],
  template_missing: [422, 'There is no template of this name in this language.'],
  on_hold: [422, 'Somebody is on hold, and is not told until they are released.'],
  empty_audience: [422, 'Nobody is in this audience.'],
  check_failed: [422, 'Letters, read back as printed, are not as they should be.'],
  render_failed: [422, 'The message cannot be rendered.'],
  window_unusable: [422, 'The window in which emails may go cannot be used.'],
  leftover_tag: [422, 'The rendered message holds something that looks like a template tag.'],
  no_address: [422, 'The person has no usable postal address.'],
  missing_glyph: [422, 'A character of the name or the address is in none of the fonts.'],
  does_not_fit: [422, 'The name or the address does not fit on the letter.'],
  too_heavy: [422, 'The letter has more sheets than its envelope holds or its postage covers.'],
  address_suppressed: [422, 'The address has failed for good before, and is not tried again.'],
  content_changed: [409, 'A message no longer renders to what was approved.'],
  relay_refused: [409, 'Every relay refuses us as sender.'],
} as const satisfies Record<string, readonly [number, string]>;

export type ErrorCode = keyof typeof errorCodes;

/** An error that may be shown: a code, a detail without personal data, and ids. */
export class OwabiError extends Error {
  readonly code: ErrorCode;
  readonly extra: Record<string, unknown>;

  /**
   * @param detail one sentence: what is wrong, where, and what to do. Never personal data.
   * @param extra further members of the problem document (RFC 9457 §3.2)
   */
  constructor(code: ErrorCode, detail?: string, extra: Record<string, unknown> = {}) {
    super(detail ?? errorCodes[code][1]);
    this.name = 'OwabiError';
    this.code = code;
    this.extra = extra;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return errorCodes[this.code][0];
  }
}
