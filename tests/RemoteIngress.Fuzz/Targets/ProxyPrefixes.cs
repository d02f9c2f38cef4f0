using RemoteIngress.Protocol.ProxyProtocol;

namespace RemoteIngress.Fuzz.Targets;

/// <summary>
/// What holds for the beginnings of any header: more is asked for until the verdict, and the verdict never changes with what follows.
/// </summary>
internal static class ProxyPrefixes
{
    private const int Beyond = 8;

    public delegate ProxyReadStatus Reader(ReadOnlySpan<byte> source, out ProxyHeader? header, out int consumed);

    public static void Verify(ReadOnlySpan<byte> input, int maxLength, Reader read)
    {
        var whole = read(input, out var header, out var consumed);
        Check.That((header is not null) == (whole == ProxyReadStatus.Ok), $"{whole} with header {header is not null}");
        Check.That(whole == ProxyReadStatus.Ok ? consumed > 0 && consumed <= Math.Min(input.Length, maxLength) : consumed == 0, $"{whole} consumed {consumed}");
        Check.That(whole != ProxyReadStatus.NeedMore || input.Length < maxLength, $"asks for more than {input.Length} bytes");

        var decided = false;
        for (var length = 0; length <= Math.Min(input.Length, (consumed == 0 ? maxLength : consumed) + Beyond); length++)
        {
            var status = read(input[..length], out _, out var used);
            if (decided || status != ProxyReadStatus.NeedMore)
            {
                decided = true;
                Check.That(status == whole && used == consumed, $"{length} bytes: {status}, {used}; all: {whole}, {consumed}");
                Check.That(status == ProxyReadStatus.Invalid || length >= consumed, $"{length} bytes are enough for {consumed}");
            }
        }
    }
}
