using System.Globalization;

namespace RemoteIngress.EndToEnd.Tests.Soak;

/// <summary>The table that a long run is read by.</summary>
internal sealed class SoakReport(SoakSettings settings, SoakTally tally)
{
    internal void WriteHeader() => Write($"minute  edge: {SoakSample.Header}  | hub: {SoakSample.Header}  | operations  cut short  errors");

    internal void Write(TimeSpan at, string note, SoakSample edge, SoakSample hub) => Write(string.Create(
        CultureInfo.InvariantCulture,
        $"{at.TotalMinutes,6:0.0}        {edge}  |      {hub}  | {tally.Operations,10} {tally.CutShort,10} {tally.Errors,7}  {note}"));

    internal void Write(string line)
    {
        TestContext.Current.SendDiagnosticMessage("{0}", line);
        if (settings.Report is { Length: > 0 } path)
        {
            File.AppendAllText(path, line + "\n");
        }
    }
}
