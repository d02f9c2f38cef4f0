using System.Globalization;
using RemoteIngress.Contracts;

namespace RemoteIngress.Hub.Registry.Validation;

/// <summary>
/// Collects errors with their paths. One error for a path: the first one (a wrong type) explains what would only follow from it.
/// Bounded, because a hostile list of 100,000 edges can hold a million errors.
/// </summary>
internal sealed class ValidationErrors
{
    public const int MaxReported = 1000;

    private readonly List<ValidationError> _errors = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _broken = new(StringComparer.Ordinal);
    private int _unreported;

    public int Count => _errors.Count;

    public void Add(string path, string message)
    {
        if (IsInsideBroken(path) || !_paths.Add(path))
        {
            return;
        }

        if (_errors.Count < MaxReported)
        {
            _errors.Add(new ValidationError(path, message));
        }
        else
        {
            _unreported++;
        }
    }

    /// <summary>Adds an error of a whole object or list that could not be read: nothing more is said of what is inside it.</summary>
    public void AddBroken(string path, string message)
    {
        Add(path, message);
        _broken.Add(path);
    }

    /// <summary>Whether the object or list at this path could not be read.</summary>
    public bool IsBroken(string path) => _broken.Contains(path);

    public IReadOnlyList<ValidationError> ToList()
    {
        if (_unreported == 0)
        {
            return [.. _errors];
        }

        var more = string.Create(CultureInfo.InvariantCulture, $"{_unreported} more errors are not listed");
        return [.. _errors, new ValidationError(string.Empty, more)];
    }

    private bool IsInsideBroken(string path)
    {
        if (_broken.Count == 0)
        {
            return false;
        }

        for (var end = path.Length - 1; end > 0; end--)
        {
            if (path[end] is '.' or '[' && _broken.Contains(path[..end]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>path.field</c>, or just the field at the root.</summary>
    public static string Field(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    public static string Item(string path, int index) => string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]");

    /// <summary>A value as it may be repeated in a message: short, on one line, printable.</summary>
    public static string Quote(string? value)
    {
        var text = value ?? string.Empty;
        var shown = text.Length > 64 ? text[..64] + "…" : text;
        return "'" + string.Concat(shown.Select(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' ? '?' : c)) + "'";
    }
}
