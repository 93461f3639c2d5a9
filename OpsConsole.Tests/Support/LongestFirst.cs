using Xunit.Abstractions;

[assembly: TestCollectionOrderer("OpsConsole.Tests.Support.LongestFirst", "OpsConsole.Tests")]

namespace OpsConsole.Tests.Support;

/// <summary>Begins with the two long rows of browser tests, so that neither still runs alone when everything else is over: by chance they began as late as in the middle, and the whole took seven minutes longer.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections)
        => testCollections.OrderBy(c => c.DisplayName is ChromiumTests.Name or SecondChromiumTests.Name ? 0 : 1).ThenBy(c => c.DisplayName, StringComparer.Ordinal);
}
