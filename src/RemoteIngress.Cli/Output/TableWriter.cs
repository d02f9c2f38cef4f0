using Spectre.Console;

namespace RemoteIngress.Cli.Output;

/// <summary>
/// Tables for people. On a pipe they have no frame, colour or line breaks, so that <c>grep</c> and <c>awk</c> work on them.
/// </summary>
internal static class TableWriter
{
    public static void Write(CliContext context, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        if (!context.Interactive)
        {
            WritePlain(context.Out, [headers, .. all]);
            return;
        }

        var table = new Table().RoundedBorder();
        foreach (var header in headers)
        {
            table.AddColumn(new TableColumn(new Text(header)));
        }

        foreach (var row in all)
        {
            table.AddRow(row.Select(static cell => new Text(cell)));
        }

        CreateConsole(context).Write(table);
    }

    private static void WritePlain(TextWriter output, List<IReadOnlyList<string>> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Count).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static IAnsiConsole CreateConsole(CliContext context)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Out) });
        console.Profile.Width = context.Width;
        return console;
    }
}
