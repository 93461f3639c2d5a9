namespace OpsConsole.Tests.Support;

/// <summary>
/// The folder <c>shared</c> beside the clone: recorded runs and official test vectors that are not part of the sources.
/// Tests that read it carry <see cref="SharedFactAttribute"/> or <see cref="SharedTheoryAttribute"/> and are skipped, with a reason, where it is absent.
/// </summary>
public static class SharedFolder
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared"));

    /// <summary>The full path of something given relative to the folder.</summary>
    public static string PathTo(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>Why a test that needs <paramref name="relative"/> cannot run, or null when it can.</summary>
    internal static string? ReasonToSkip(string relative)
    {
        var path = PathTo(relative);
        return File.Exists(path) || Directory.Exists(path) ? null : $"needs ../shared/{relative}, which is not beside this clone";
    }
}

/// <summary>A fact that reads the given file or folder of <see cref="SharedFolder"/>; skipped where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute(string relative = "")
    {
        Relative = relative;
        Skip = SharedFolder.ReasonToSkip(relative);
    }

    public string Relative { get; }
}

/// <summary>A theory that reads the given file or folder of <see cref="SharedFolder"/>; skipped, data unread, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute(string relative = "")
    {
        Relative = relative;
        Skip = SharedFolder.ReasonToSkip(relative);
    }

    public string Relative { get; }
}
