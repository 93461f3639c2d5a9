using OpsConsole.Tests.Support;

namespace OpsConsole.Tests.Architecture;

/// <summary>A long file is a hint that two things live in it (docs/architecture.md, 'Conventions').</summary>
public sealed class FileSizeTests
{
    private const int Limit = 400;

    /// <summary>Longer files, each with the reason why it may be.</summary>
    private static readonly Dictionary<string, string> Exceptions = [];

    [Fact]
    public void SourceFiles_HaveAtMost400Lines()
    {
        var root = Repository.Root;
        var files = ((string[])["OpsConsole", "OpsConsole.Tests"])
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*", SearchOption.AllDirectories))
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Select(f => Path.GetRelativePath(root, f).Replace('\\', '/'))
            .Where(f => !f.Split('/').Any(part => part is "bin" or "obj" or "Migrations" or "node_modules")).ToList();
        Assert.True(files.Count > 50, "The sources were not found.");
        var tooLong = files.Where(f => !Exceptions.ContainsKey(f)).Select(f => (File: f, Lines: File.ReadLines(Path.Combine(root, f)).Count())).Where(f => f.Lines > Limit).ToList();
        Assert.True(tooLong.Count == 0, "Too long: " + string.Join(", ", tooLong.Select(f => $"{f.File} ({f.Lines})")));
        Assert.All(Exceptions.Keys, e => Assert.Contains(e, files));
    }
}
