namespace OpsConsole.Tests.Support;

/// <summary>Where the sources are, for tests that read them or run what they built.</summary>
public static class Repository
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>The folder that holds <c>OpsConsole.sln</c>.</summary>
    public static string Root => Found.Value;

    /// <summary>The full path of a file or folder given relative to <see cref="Root"/>.</summary>
    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "OpsConsole.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds OpsConsole.sln; run the tests from inside a clone.");
    }
}
