using System.Text;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>Words of the four SCRAM messages.</summary>
internal static class ScramDictionary
{
    public static IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "p=tls-server-end-point,,", "n,,", "y,,", "n=", "r=", "s=", "i=", "c=", "p=", "v=", "e=", "m=x,", ",m=x", ",x=y", ",", "=2C", "=3D", "=2c", "=",
            "==", "4096", "4095", "100000", "100001", "clientnonce", "servernonce", "AQID", "A===", "\u00e9", "\ud83d\ude00", "\0", " ", "\r\n", "e=channel-bindings-dont-match", "e=invalid-proof",
        }.Select(Encoding.UTF8.GetBytes),
    ];
}
