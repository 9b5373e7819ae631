"""llama-index's own machinery over our store and our index: what its FAISS store gets wrong stays right here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from llama_index.core import Document as LlamaDocument
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.llms import MockLLM
from llama_index.core.postprocessor import SimilarityPostprocessor
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.schema import QueryBundle
from llama_index.core.storage.docstore import SimpleDocumentStore

from glossator.domain import RetrievalRecipe
from glossator.records import Scope
from glossator.retrieval.faiss_store import FaissStore
from glossator.retrieval.generations import build_index, load_index
from glossator.retrieval.llama import IndexRetriever

from ..conftest import document

WORDS = ("iron", "warfarin", "migraine")


class Words(BaseEmbedding):
    """An embedder that counts three words; a text with none of them points elsewhere."""

    def _embedding(self, text: str) -> list[float]:
        counts = [float(text.count(word)) for word in WORDS]
        return [*counts, 0.0 if any(counts) else 1.0]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._embedding(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._embedding(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._embedding(query)


def texts(found: Any) -> list[str]:
    return [item.node.get_content() for item in found]


def index(*of: str) -> tuple[FaissStore, VectorStoreIndex]:
    store = FaissStore(4)
    made = VectorStoreIndex.from_documents(
        [LlamaDocument(text=text, doc_id=f"doc-{place}") for place, text in enumerate(of)],
        storage_context=StorageContext.from_defaults(vector_store=store),
        embed_model=Words(),
    )
    return store, made


def test_after_a_delete_no_text_answers_for_another_and_no_search_fails() -> None:
    store, made = index(*WORDS)
    made.delete_ref_doc("doc-0", delete_from_docstore=True)
    assert len(store.client) == 2
    made.insert(LlamaDocument(text="migraine migraine iron", doc_id="doc-3"))
    assert texts(made.as_retriever(similarity_top_k=1).retrieve("warfarin")) == ["warfarin"]
    assert "iron" not in texts(made.as_retriever(similarity_top_k=9).retrieve("iron"))


def test_a_changed_document_leaves_no_old_vector_behind() -> None:
    store = FaissStore(4)
    pipeline = IngestionPipeline(
        transformations=[Words()],
        vector_store=store,
        docstore=SimpleDocumentStore(),
        docstore_strategy=DocstoreStrategy.UPSERTS,
    )
    pipeline.run(documents=[LlamaDocument(text="iron", doc_id="x"), LlamaDocument(text="warfarin", doc_id="y")])
    pipeline.run(documents=[LlamaDocument(text="migraine", doc_id="x")])
    made = VectorStoreIndex.from_vector_store(store, embed_model=Words())
    assert sorted(texts(made.as_retriever(similarity_top_k=9).retrieve("iron"))) == ["migraine", "warfarin"]


def test_scores_are_cosines_so_that_fusion_and_cutoffs_keep_the_nearest() -> None:
    _, made = index("iron iron", "iron warfarin", "migraine")
    retriever = made.as_retriever(similarity_top_k=3)
    for mode in ("reciprocal_rerank", "relative_score", "simple"):
        fused = QueryFusionRetriever(
            [retriever], mode=mode, num_queries=1, llm=MockLLM(), use_async=False, similarity_top_k=3
        )
        assert texts(fused.retrieve("iron")) == ["iron iron", "iron warfarin", "migraine"], mode
    cut = SimilarityPostprocessor(similarity_cutoff=0.5)
    assert texts(cut.postprocess_nodes(retriever.retrieve("iron"))) == ["iron iron", "iron warfarin"]


def test_an_index_is_kept_and_read_back_by_llama_index(tmp_path: Path) -> None:
    _, made = index(*WORDS)
    made.storage_context.persist(str(tmp_path))
    again = FaissStore.from_folder(tmp_path / "default__vector_store.json", 4)
    found = VectorStoreIndex.from_vector_store(again, embed_model=Words()).as_retriever(similarity_top_k=2)
    assert texts(found.retrieve("warfarin"))[0] == "warfarin"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("index")
    paragraph = (
        "# Iron\n\nFerritin falls before the haemoglobin does. Stores are then empty.\n\n## Dose\n\nOne tablet.\n"
    )
    build_index([document(paragraph, "iron", title="Iron stores")], RetrievalRecipe(chunk_tokens=32), made)
    return made


def test_our_search_is_a_retriever_with_exact_places(folder: Path) -> None:
    ours = load_index(folder)
    found = IndexRetriever(ours, k=2).retrieve("Which value falls first?")
    expected = ours.search("Which value falls first?", 2)
    assert [(item.node.node_id, item.score) for item in found] == [(passage.id, passage.score) for passage in expected]
    for item, passage in zip(found, expected, strict=True):
        text = ours.documents["iron"].text
        assert item.node.ref_doc_id == "iron"
        assert text[item.node.start_char_idx : item.node.end_char_idx] == item.node.get_content() == passage.text
        assert item.node.metadata == {"title": "Iron stores", "locator": passage.locator, "revised": None}
        assert item.node.get_content("embed") == passage.text


def test_a_retriever_sees_what_its_scope_sees(folder: Path) -> None:
    scope = Scope(labels=frozenset({("year", "2024")}))
    assert IndexRetriever(load_index(folder), scope=scope).retrieve(QueryBundle("iron")) == []


def test_an_index_needs_llama_index_only_where_it_is_asked_for() -> None:
    code = (
        "import sys, glossator.retrieval.generations, glossator.retrieval.stores; print('llama_index' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
