import { type WordRule, words } from './word-rule.ts';

/** What is said of the message itself. */
const SOURCE =
  'sisimai reason/{emailtoolarge,exceedlimit,contenterror,notcompliantrfc,virusdetected,policyviolation}; KumoMTA bounces.toml; own';

export const tooLarge: readonly WordRule[] = words(
  'content',
  SOURCE,
  /(?:message|mail|e-?mail|msg|letter|body|header|attachment)s? ?(?:file|header|body|size|length|data)?s? ?(?:is |was |are )?(?:too|to) (?:large|big|long)|too (?:large|big)\b[^.]{0,20}(?:message|mail|e-?mail|for (?:the |this )?(?:recipient|system|server))|(?:file|content) too big/i,
  /(?:message|mail|e-?mail|msg|header|attachment)(?:'s)? ?(?:size|length|header size)\b[^.]{0,60}(?:exceed|exeed|limit|too|over|larger|maximum|big)|size limits?\b|maximum (?:message|e-?mail|mail|permitted|allowed) (?:size|length)|(?:maximum|max|fixed) size/i,
  /exc?eed\w*[^.]{0,50}(?:message|mail|maximum|max|individual header|e-?mail|size) ?(?:size|length|limit)|databytes|(?:larger|bigger|greater) than[^.]{0,40}(?:limit|allowed|maximum|size|\d)|RecipSizeLimit|RecipientSizeLimit|line limit exceeded|limit attachments|taille limite|nachricht[^.]{0,20}zu gro(?:ß|ss)|tama[nñ]o[^.]{0,30}(?:excede|m[aá]ximo)|(?:邮件|信件)[^。]{0,6}(?:过大|太大|超过)|размер[^.]{0,30}превыш/i,
);

export const harmful: readonly WordRule[] = words(
  'content',
  SOURCE,
  /\bvirus|\bmalware|\bworm\b|infected|trojan|potentially executable|executable (?:file|attachment|content)|malicious|病毒|вирус/i,
  /(?:illegal|banned|forbidden|blocked|prohibited|disallowed|dangerous|unsafe|unacceptable|restricted|bad|suspicious) (?:file|attachment|extension|content)|attachments?\b(?:[^.]|\.(?=\w)){0,50}(?:not (?:allowed|accepted|permitted)|forbidden|prohibited|blocked|rejected|banned|disallowed|unacceptable)|files? attached[^.]{0,40}(?:prohibit|not allowed|forbid|block)|file types?\b[^.]{0,30}(?:not|block|forbid)|potential security issue|containing images or other attachments/i,
);

export const malformed: readonly WordRule[] = words(
  'content',
  SOURCE,
  /rfc ?-?(?:2822|5322|822|2045|5321)\b|rfc ?(?:non-?)?complian|(?:not|non)[ -]?(?:rfc )?complian|RfcMessageNonCompliant|malformed(?! (?:address|or unexpected|name server))|mime (?:header|part|boundary|complexity|format|error)|invalid mime|(?:bare|stray) (?:lf|cr|line ?feed|carriage)|line ?feeds? in message|base64 encoding|binary content/i,
  /(?:duplicate|multiple|missing|invalid|illegal|bad|too many|improper|malformed|disallowed|no|unacceptable) (?!\W?received)(?:\w+:? ){0,4}headers?\b(?! - suspected)|headers?\b[^.]{0,40}(?:error|invalid|missing|duplicate|illegal|not accepted|syntax|malformed|8-?bit|non-?ascii|unicode)|from:? header|multiple addresses|valid (?:address in the|message-id)|encoded-word/i,
  /content (?:is |was )?(?:rejected|denied|not allowed|blocked|refused|restriction|violation|not accepted|unacceptable|filtered)|(?:invalid|unacceptable|prohibited|objectionable|banned|rejecting|inappropriate) (?:message |mail )?content|content (?:filter|polic|examination|scan|check)\w*|due to (?:the |its )?content|because (?:of )?(?:its|the) content|message filtered/i,
  /line (?:is )?too long|line length|8-?bit[^.]{0,30}(?:not|data|mime|prohibit)|8bitmime|smtputf8|charset (?:not|unsupported)|conversion (?:to|failed|required|not)|unsupported (?:content|media|format|encoding|charset)|body ?type not supported|invalid characters|agent generated message depth|binarymime/i,
);
