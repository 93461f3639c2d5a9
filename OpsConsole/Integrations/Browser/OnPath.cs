namespace OpsConsole.Integrations.Browser;

/// <summary>Programs of this machine, by PATH.</summary>
internal static class OnPath
{
    /// <summary>The full path of a program that may be run: a path as it is, a name by PATH. Null when there is none.</summary>
    public static string? Find(string program)
    {
        if (program.Contains(Path.DirectorySeparatorChar) || program.Contains('/')) return Runs(program) ? Path.GetFullPath(program) : null;
        var file = OperatingSystem.IsWindows() && !Path.HasExtension(program) ? program + ".exe" : program;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, file)).FirstOrDefault(Runs);
    }

    private static bool Runs(string file) =>
        File.Exists(file) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);
}
