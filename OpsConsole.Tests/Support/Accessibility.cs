using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace OpsConsole.Tests.Support;

/// <summary>WCAG 2.2 A and AA as axe can check them on a rendered page.</summary>
public static class Accessibility
{
    private const string Look = """
        async (selector) => {
          scrollTo(0, 0);   // else a control that is just passing under the sticky bar counts as too small
          const result = await axe.run(selector ? document.querySelector(selector) : document, {
            runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'],
          });
          return result.violations.flatMap((v) => v.nodes.map((n) => `[${v.impact}] ${v.id}: ${v.help}; at ${n.target}: ${n.html}`));
        }
        """;

    private static readonly string Axe = new BundledAxeScriptProvider().GetScript();

    /// <summary>What axe finds wrong, one line per element: impact, rule, what helps, selector, html. Empty when nothing.</summary>
    /// <param name="part">A selector of the part to look at; by default the whole page.</param>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page, string? part = null)
    {
        // Half a megabyte: once per document. What is evaluated is not subject to the page's content security policy.
        if (await page.EvaluateAsync<bool>("() => !window.axe")) await page.EvaluateAsync(Axe);
        return await page.EvaluateAsync<string[]>(Look, part);
    }

    /// <summary>Fails with every violation listed.</summary>
    public static async Task AssertNoViolationsAsync(IPage page)
    {
        var violations = await ViolationsAsync(page);
        Assert.True(violations.Count == 0, $"{page.Url} has {violations.Count} accessibility violations:{Environment.NewLine}{string.Join(Environment.NewLine, violations)}");
    }
}
