namespace OpsConsole.Data;

/// <summary>Folders and files that only the console's own account may read, where the system knows such a thing. What exists already keeps the rights somebody gave it.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, File600 | UnixFileMode.UserExecute);
    }

    /// <summary>Opens a file that nobody else may have open, and makes it where it is missing.</summary>
    public static FileStream OpenAlone(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File600;
        return new FileStream(path, options);
    }

    /// <summary>Makes an empty file where there is none. SQLite gives its two companions the rights of the database.</summary>
    public static void Create(string path)
    {
        if (!File.Exists(path)) OpenAlone(path).Dispose();
    }
}
