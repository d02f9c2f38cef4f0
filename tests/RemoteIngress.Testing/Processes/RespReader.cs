using System.Globalization;
using System.Text;

namespace RemoteIngress.Testing.Processes;

/// <summary>As much of Redis' protocol as a test needs to look at what is stored, independent of the product's client library.</summary>
internal static class RespReader
{
    public static async Task<IReadOnlyList<string>> ArrayAsync(Stream stream, string[] command, CancellationToken cancellation)
    {
        await SendAsync(stream, command, cancellation);
        var count = await LengthAsync(stream, '*', cancellation);
        var items = new List<string>();
        for (var index = 0; index < count; index++)
        {
            items.Add(await BodyAsync(stream, cancellation) ?? "");
        }

        return items;
    }

    public static async Task<string?> BulkAsync(Stream stream, string[] command, CancellationToken cancellation)
    {
        await SendAsync(stream, command, cancellation);
        return await BodyAsync(stream, cancellation);
    }

    private static async Task SendAsync(Stream stream, string[] command, CancellationToken cancellation)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command)
        {
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.Latin1.GetByteCount(part)}\r\n{part}\r\n");
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes(text.ToString()), cancellation);
    }

    private static async Task<string?> BodyAsync(Stream stream, CancellationToken cancellation)
    {
        var length = await LengthAsync(stream, '$', cancellation);
        if (length < 0)
        {
            return null;
        }

        // Latin-1: every byte is one character, so that binary values can be compared and searched
        var body = new byte[length + 2];
        await stream.ReadExactlyAsync(body, cancellation);
        return Encoding.Latin1.GetString(body, 0, length);
    }

    private static async Task<int> LengthAsync(Stream stream, char kind, CancellationToken cancellation)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (line.Length == 0 || line[^1] != '\n')
        {
            await stream.ReadExactlyAsync(one, cancellation);
            line.Append((char)one[0]);
        }

        return line[0] == kind
            ? int.Parse(line.ToString(1, line.Length - 3), CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"redis answered {line}");
    }
}
