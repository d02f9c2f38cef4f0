namespace RemoteIngress.Protocol.Stun;

/// <summary>The attributes that are read here, and those that must be understood and mean nothing to a Binding response (RFC 8489 section 18.3).</summary>
internal static class StunAttributeType
{
    public const ushort MappedAddress = 0x0001;
    public const ushort MessageIntegrity = 0x0008;
    public const ushort ErrorCode = 0x0009;
    public const ushort MessageIntegritySha256 = 0x001C;
    public const ushort XorMappedAddress = 0x0020;
    public const ushort Fingerprint = 0x8028;

    private const ushort ComprehensionOptional = 0x8000;

    /// <summary>Whether a response that holds it can be used. Everything from 0x8000 on is for those who know it.</summary>
    public static bool IsUnderstood(ushort type) => type >= ComprehensionOptional || type switch
    {
        MappedAddress or MessageIntegrity or ErrorCode or MessageIntegritySha256 or XorMappedAddress => true,

        // RESPONSE-ADDRESS to CHANGED-ADDRESS, PASSWORD, REFLECTED-FROM: of RFC 3489, whose servers still send some of them
        0x0002 or 0x0003 or 0x0004 or 0x0005 or 0x0007 or 0x000B => true,

        // USERNAME, UNKNOWN-ATTRIBUTES, REALM, NONCE, PASSWORD-ALGORITHM, USERHASH: no part of what is asked here, or beside an error code
        0x0006 or 0x000A or 0x0014 or 0x0015 or 0x001D or 0x001E => true,
        _ => false,
    };
}
