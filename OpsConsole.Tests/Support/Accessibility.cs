using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace OpsConsole.Tests.Support;

/// <summary>WCAG 2.2 A and AA as axe can check them on a rendered page.</summary>
public static class Accessibility
{
    private static readonly List<string> Tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

    /// <summary>What axe finds wrong, one line per element: impact, rule, what helps, selector, html. Empty when nothing.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page) => Lines(await page.RunAxe(Options()));

    /// <summary>The same for one part of a page.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(ILocator part) => Lines(await part.RunAxe(Options()));

    private static AxeRunOptions Options() => new() { RunOnly = new RunOnlyOptions { Type = "tag", Values = Tags } };

    private static IReadOnlyList<string> Lines(AxeResult result) =>
        [.. from violation in result.Violations
            from node in violation.Nodes
            select $"[{violation.Impact}] {violation.Id}: {violation.Help}; at {node.Target}: {node.Html}"];

    /// <summary>Fails with every violation listed.</summary>
    public static async Task AssertNoViolationsAsync(IPage page)
    {
        var violations = await ViolationsAsync(page);
        Assert.True(violations.Count == 0, $"{page.Url} has {violations.Count} accessibility violations:{Environment.NewLine}{string.Join(Environment.NewLine, violations)}");
    }
}
