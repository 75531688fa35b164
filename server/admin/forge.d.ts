/** The part of node-forge that is used here; it has no types of its own, and those that others wrote bring all of Node's. */
interface Asn1 {
  readonly __asn1: unique symbol;
}
interface PrivateKey {
  readonly __privateKey: unique symbol;
}
interface Certificate {
  readonly __certificate: unique symbol;
}

declare const forge: {
  readonly asn1: {
    /** From and to a string of a byte a character. */
    fromDer(bytes: string): Asn1;
    toDer(value: Asn1): { getBytes(): string };
  };
  readonly pki: {
    privateKeyFromAsn1(pkcs8: Asn1): PrivateKey;
    certificateFromAsn1(certificate: Asn1): Certificate;
  };
  readonly pkcs12: {
    toPkcs12Asn1(
      key: PrivateKey,
      certificates: readonly Certificate[],
      password: string,
      options: { algorithm: "3des"; count: number; friendlyName: string },
    ): Asn1;
  };
};

export default forge;
