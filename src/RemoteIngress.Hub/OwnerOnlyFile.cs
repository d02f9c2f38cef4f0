namespace RemoteIngress.Hub;

/// <summary>Files that only the user of the hub may read, written whole or not at all.</summary>
internal static class OwnerOnlyFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces the file in one step: whoever reads it finds the old content or the new one, also after a crash or on a full disk.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        try
        {
            using (var file = new FileStream(
                temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Whether nobody but its owner may read or write it.</summary>
    public static bool IsPrivate(string path) => (File.GetUnixFileMode(path) & ~OwnerOnly) == UnixFileMode.None;
}
