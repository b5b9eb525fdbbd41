import { describe, expect, it } from 'vitest';
import { isSnsUrl, parseSnsMessage, signedText } from '../../../../src/tracking/webhooks/sns-message.ts';

const TOPIC = 'arn:aws:sns:us-east-1:123456789012:t';
const FILE = '/SimpleNotificationService-0123456789abcdef.pem';
const CONFIRM = `/?Action=ConfirmSubscription&TopicArn=${TOPIC}&Token=2336412f37`;

describe('a URL of Amazon SNS', () => {
  it.each([
    [`https://sns.us-east-1.amazonaws.com${FILE}`, TOPIC],
    [`https://sns.us-gov-west-1.amazonaws.com${FILE}`, 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:t'],
    [`https://sns.cn-north-1.amazonaws.com.cn${FILE}`, 'arn:aws-cn:sns:cn-north-1:123456789012:t'],
  ])('is taken in the region of the topic: %s', (url, topic) => {
    expect(isSnsUrl(url, 'certificate', topic)).toBe(true);
  });

  it.each([
    ['another host', `https://evil.example${FILE}`],
    ['a host that only begins so', `https://sns.us-east-1.amazonaws.com.evil.example${FILE}`],
    ['a host that only ends so', `https://evil-sns.us-east-1.amazonaws.com${FILE}`],
    ['a bucket of anybody', `https://sns.us-east-1.s3.amazonaws.com${FILE}`],
    ['another service', `https://s3.us-east-1.amazonaws.com${FILE}`],
    ['another region', `https://sns.eu-west-1.amazonaws.com${FILE}`],
    ['China for a topic that is not there', `https://sns.us-east-1.amazonaws.com.cn${FILE}`],
    ['no TLS', `http://sns.us-east-1.amazonaws.com${FILE}`],
    ['another port', `https://sns.us-east-1.amazonaws.com:8443${FILE}`],
    ['the same port, said', `https://sns.us-east-1.amazonaws.com:443${FILE}`],
    ['a user', `https://sns.us-east-1.amazonaws.com@evil.example${FILE}`],
    ['a user with the right host', `https://x@sns.us-east-1.amazonaws.com${FILE}`],
    ['a backslash', `https://sns.us-east-1.amazonaws.com\\@evil.example${FILE}`],
    ['a dot at the end', `https://sns.us-east-1.amazonaws.com.${FILE}`],
    ['letters in capitals', `https://SNS.us-east-1.amazonaws.com${FILE}`],
    ['letters that look alike', `https://sns.us-east-1.аmazonaws.com${FILE}`],
    ['a dot that only looks so', `https://sns.us-east-1。amazonaws.com${FILE}`],
    ['a tab inside', `https://sns.us-east-1.amazonaws.com\t.evil.example${FILE}`],
    ['a space before', ` https://sns.us-east-1.amazonaws.com${FILE}`],
    ['no path', 'https://sns.us-east-1.amazonaws.com'],
    ['another file', 'https://sns.us-east-1.amazonaws.com/x.txt'],
    ['a folder above', 'https://sns.us-east-1.amazonaws.com/../x.pem'],
    ['a query', `https://sns.us-east-1.amazonaws.com${FILE}?x=1`],
    ['a fragment', `https://sns.us-east-1.amazonaws.com/x#${FILE}`],
    ['an action', 'https://sns.us-east-1.amazonaws.com/?Action=Publish&x=.pem'],
    ['a line break at the end', `https://sns.us-east-1.amazonaws.com${FILE}\n`],
    ['nothing', ''],
  ])('is refused for a certificate: %s', (_what, url) => {
    expect(isSnsUrl(url, 'certificate', TOPIC)).toBe(false);
  });

  it('confirms a subscription and does nothing else', () => {
    const host = 'https://sns.us-east-1.amazonaws.com';
    expect(isSnsUrl(`${host}${CONFIRM}`, 'subscription', TOPIC)).toBe(true);
    for (const rest of [FILE, '/?Action=Unsubscribe&Token=1', `/x${CONFIRM}`, `${CONFIRM}#x`, `${CONFIRM} `]) {
      expect(isSnsUrl(`${host}${rest}`, 'subscription', TOPIC), rest).toBe(false);
    }
  });

  it('is refused for what is no topic', () => {
    for (const topic of ['', 'arn:aws:sqs:us-east-1:123456789012:t', 'arn:aws:sns:us-east-1.evil.example/:1:t']) {
      expect(isSnsUrl(`https://sns.us-east-1.amazonaws.com${FILE}`, 'certificate', topic), topic).toBe(false);
    }
  });
});

describe('a message of Amazon SNS', () => {
  const fields = {
    ...{ Type: 'Notification', MessageId: 'm', TopicArn: TOPIC, Subject: 'S', Message: 'a\nb', Timestamp: 'now' },
    ...{ SignatureVersion: '1', Signature: 'x', SigningCertURL: 'u', SubscribeURL: 's', Token: 't' },
  };
  const parse = (given: object) => parseSnsMessage(Buffer.from(JSON.stringify(given)));

  it('is signed as names and values in the order of its type', () => {
    const text = (given: object) => {
      const message = parse(given);
      return message && signedText(message);
    };
    const begin = 'Message\na\nb\nMessageId\nm\n';
    expect(text(fields)).toBe(`${begin}Subject\nS\nTimestamp\nnow\nTopicArn\n${TOPIC}\nType\nNotification\n`);
    expect(text({ ...fields, Subject: undefined })).toBe(
      `${begin}Timestamp\nnow\nTopicArn\n${TOPIC}\nType\nNotification\n`,
    );
    expect(text({ ...fields, Type: 'SubscriptionConfirmation' })).toBe(
      `${begin}SubscribeURL\ns\nTimestamp\nnow\nToken\nt\nTopicArn\n${TOPIC}\nType\nSubscriptionConfirmation\n`,
    );
  });

  it('is none without a type that is known, an id, a topic, a time and a signature', () => {
    expect(parse(fields)).not.toBeNull();
    for (const missing of ['Type', 'MessageId', 'TopicArn', 'Timestamp', 'Signature', 'SigningCertURL']) {
      expect(parse({ ...fields, [missing]: undefined }), missing).toBeNull();
    }
    for (const odd of [[], null, 'x', { ...fields, Type: 'toString' }, { ...fields, MessageId: { a: 1 } }]) {
      expect(parse(odd as object)).toBeNull();
    }
    expect(parseSnsMessage(Buffer.from('{"Type":'))).toBeNull();
  });
});
